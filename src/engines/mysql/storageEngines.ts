import type { Link } from './link.ts';
import { SYSTEM_SCHEMAS } from './text.ts';
import { readGlobalPrivileges } from './visibility.ts';

const MAX_AGE_MS = 60_000;

/** Whether InnoDB holds every user table, so that InnoDB's counters see every write. Asked rarely: it opens all tables. */
export class StorageEngines {
  private last: { readonly definitions: bigint; readonly at: number; readonly onlyInnoDb: boolean } | null = null;

  constructor(private readonly link: Link) {}

  /** `definitions` is the server's count of changed definitions: when it moves, the answer is old. */
  async onlyInnoDb(definitions: bigint, signal: AbortSignal): Promise<boolean> {
    const { last } = this;
    if (last && last.definitions === definitions && Date.now() - last.at < MAX_AGE_MS) return last.onlyInnoDb;
    const onlyInnoDb = await this.ask(signal);
    this.last = { definitions, at: Date.now(), onlyInnoDb };
    return onlyInnoDb;
  }

  private async ask(signal: AbortSignal): Promise<boolean> {
    // tables on which the account holds nothing would be missing from the list
    if (!(await readGlobalPrivileges(this.link, signal)).has('SELECT')) return false;
    const schemas = SYSTEM_SCHEMAS.map((name) => `'${name}'`).join(', ');
    const answer = await this.link.query(
      "SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') " +
        `AND TABLE_SCHEMA NOT IN (${schemas}) AND (ENGINE IS NULL OR ENGINE <> 'InnoDB') LIMIT 1`,
      signal,
    );
    return answer.rows.length === 0;
  }
}

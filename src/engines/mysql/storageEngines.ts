import type { Link } from './link.ts';
import { SYSTEM_SCHEMAS } from './text.ts';
import { readGlobalPrivileges } from './visibility.ts';

const MAX_AGE_MS = 60_000;

export interface OtherTable {
  /** `schema.table` */
  readonly name: string;
  readonly engine: string;
  readonly createdAt: string;
}

/** User tables that InnoDB does not hold, whose writes its counters do not see. */
export interface OtherEngines {
  readonly tables: readonly OtherTable[];
}

/** Engines that show rows of another server or file, which change without this server knowing. */
const ELSEWHERE = /^(federated|connect|spider|ndb(cluster)?|s3)$/i;

export function keptElsewhere(others: OtherEngines | null): readonly OtherTable[] {
  return (others?.tables ?? []).filter(({ engine }) => ELSEWHERE.test(engine));
}

/** Asked rarely: on older servers it opens all tables. */
export class StorageEngines {
  private last: { readonly key: string; readonly at: number; readonly others: OtherEngines | null } | null = null;

  constructor(private readonly link: Link) {}

  /** `key` stands for the definitions there are: when it moves, the answer is old. null where tables may be hidden. */
  async others(key: string, signal: AbortSignal): Promise<OtherEngines | null> {
    const { last } = this;
    if (last?.key === key && performance.now() - last.at < MAX_AGE_MS) return last.others;
    const others = await this.ask(signal);
    this.last = { key, at: performance.now(), others };
    return others;
  }

  private async ask(signal: AbortSignal): Promise<OtherEngines | null> {
    // tables on which the account holds nothing would be missing from the list
    if (!(await readGlobalPrivileges(this.link, signal)).has('SELECT')) return null;
    const schemas = SYSTEM_SCHEMAS.map((name) => `'${name}'`).join(', ');
    const answer = await this.link.query(
      "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), COALESCE(ENGINE, '?'), COALESCE(CREATE_TIME, '') " +
        "FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') " +
        `AND TABLE_SCHEMA NOT IN (${schemas}) AND (ENGINE IS NULL OR ENGINE <> 'InnoDB')`,
      signal,
    );
    const tables = answer.rows.map(([name, engine, createdAt]) => ({
      name: name ?? '',
      engine: engine ?? '?',
      createdAt: createdAt ?? '',
    }));
    return { tables };
  }
}

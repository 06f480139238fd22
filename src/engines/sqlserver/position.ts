/**
 * The write position: counters of the log and of every table, of all databases of the server. A token is small and
 * can be compared after a new connection; the counters of single tables are kept here, to name what was written.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { PositionFacts } from '../../cutover/facts.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { DtsFootprint } from '../engine.ts';
import { readToken } from '../positionToken.ts';
import { isDenied } from './errors.ts';
import type { Link } from './link.ts';
import {
  changesBetween,
  discontinuity,
  judge,
  positionOf,
  type DatabaseChanges,
  type Names,
  type TableName,
  type Verdict,
} from './positionJudge.ts';
import { takeSample, type Sample } from './positionSample.ts';
import { ACCOUNT } from './sql/server.ts';
import { tableNames } from './sql/position.ts';
import { quoteName } from './text.ts';

const tokenSchema = z.object({
  v: z.literal(1),
  /** finds the full reading again while it is kept */
  reading: z.string(),
  display: z.string(),
  /** null where nothing could be read */
  position: z.nullable(
    z.object({
      server: z.string(),
      started: z.string(),
      databases: z.record(
        z.string(),
        z.object({ id: z.string(), log: digits(), commits: z.nullable(digits()), updates: digits() }),
      ),
      unexplained: z.nullable(z.object({ database: z.string(), since: z.number() })),
    }),
  ),
});
type Token = z.infer<typeof tokenSchema>;

function digits() {
  return z.string().check(z.regex(/^\d+$/));
}

/** Full readings kept to name tables later; older tokens still tell that something differs. */
const KEPT = 8;
/** Tables named in one reading; further ones are listed by their number. */
const MOST_NAMED = 200;

export class PositionReader {
  private readonly kept = new Map<string, Sample>();

  constructor(private readonly link: Link) {}

  async read(since: string | null, dts: DtsFootprint, signal: AbortSignal): Promise<PositionFacts> {
    const earlier = readToken(tokenSchema, since);
    if (this.link.about.azureDatabase) {
      return unreadable(
        earlier,
        sentence('Azure SQL Database shows the write counters of one database at a time; they are not judged.'),
      );
    }
    try {
      return await this.compare(earlier, await takeSample(this.link, signal), dts, signal);
    } catch (error) {
      if (!isDenied(error)) throw error;
      const account = (await this.link.rows(ACCOUNT, signal))[0]?.['account'] ?? '';
      const grant = `GRANT VIEW SERVER STATE TO ${quoteName(account)};`;
      return unreadable(
        earlier,
        sentence('Write counters cannot be read; run as an administrator: {grant}', { grant }),
      );
    }
  }

  private async compare(
    earlier: Token | null,
    sample: Sample,
    dts: DtsFootprint,
    signal: AbortSignal,
  ): Promise<PositionFacts> {
    const before = earlier?.position ?? null;
    const broken = discontinuity(before, sample, dts);
    if (broken || !before) return this.facts(earlier, sample, unknown(broken));
    const changes = changesBetween(before, this.kept.get(earlier?.reading ?? '') ?? null, sample);
    const names = await this.namesOf(changes, dts, signal);
    return this.facts(earlier, sample, judge(changes, names, dts, before, sample.at));
  }

  private async namesOf(changes: readonly DatabaseChanges[], dts: DtsFootprint, signal: AbortSignal): Promise<Names> {
    const ids = changes
      .filter(({ name }) => !dts.databases.includes(name))
      .flatMap(({ id, tables }) => [...(tables?.keys() ?? [])].map((object) => ({ database: id, object })))
      .slice(0, MOST_NAMED);
    if (ids.length === 0) return new Map();
    const rows = await this.link.rows(tableNames(ids), signal);
    return new Map(
      rows.flatMap((row): [string, TableName][] => {
        const [schema, name] = [row['schema_name'], row['object_name']];
        return schema && name ? [[`${row['database_id']}.${row['object_id']}`, { schema, name }]] : [];
      }),
    );
  }

  private facts(earlier: Token | null, sample: Sample, verdict: Verdict): PositionFacts {
    const reading = randomUUID();
    this.kept.set(reading, sample);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(oldest);
    }
    const position = positionOf(sample, verdict.unexplained);
    const display = displayOf(Object.values(position.databases));
    return {
      takenAt: sample.at,
      token: tokenOf({ v: 1, reading, display, position }),
      display,
      sinceDisplay: earlier?.display ?? null,
      foreign: verdict.foreign,
      written: verdict.written,
      why: verdict.why,
    };
  }
}

function unknown(why: Sentence | null): Verdict {
  return {
    foreign: 'unknown',
    written: [],
    why: why ?? sentence('This is the first reading; there is nothing to compare it with.'),
    unexplained: null,
  };
}

/** Nothing to hold a later reading against. */
function unreadable(earlier: Token | null, why: Sentence): PositionFacts {
  return {
    takenAt: Date.now(),
    token: tokenOf({ v: 1, reading: '', display: '?', position: null }),
    display: '?',
    sinceDisplay: earlier?.display ?? null,
    foreign: 'unknown',
    written: [],
    why,
  };
}

function displayOf(databases: readonly { readonly log: string; readonly updates: string }[]): string {
  const sum = (of: (database: (typeof databases)[number]) => string) =>
    databases.reduce((total, database) => total + BigInt(of(database)), 0n);
  return `log ${sum(({ log }) => log)} B, updates ${sum(({ updates }) => updates)}`;
}

function tokenOf(token: Token): string {
  return JSON.stringify(token);
}

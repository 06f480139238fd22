/**
 * One session on one server. Statements run one after the other; an abort or a time limit stops the statement on the
 * server (attention), not only here; a lost session is opened again by the next statement. Every value comes back as
 * text, so that no digit of a 64-bit number is lost.
 */
import { cancelled, type Failure } from '../../util/failure.ts';
import type { ConnectRequest } from '../engine.ts';
import { driverFailure, timedOut, type Where } from './errors.ts';
import { whereOf } from '../networkErrors.ts';
import { Turns } from '../turns.ts';
import { Session, type About, type Rows } from './session.ts';

export type Row = Readonly<Record<string, string | null>>;

/** How long a stopped statement may take to end before the socket is cut. */
const GRACE_MS = 2_000;

/**
 * Sessions of this process per server, so that every connection of ours knows all the others as ours. With the time
 * of login: an id alone is used again by somebody else one day.
 */
const ours = new Map<string, Set<string>>();

export class Link {
  readonly where: Where;
  private session: Session | null = null;
  private known: About | null = null;
  private readonly turns = new Turns();

  /** Opens its session with the first statement. `inMaster`: for what needs no database of the user's. */
  constructor(
    private readonly request: ConnectRequest,
    private readonly inMaster: boolean,
  ) {
    this.where = whereOf(request, 1433);
  }

  static async open(request: ConnectRequest, inMaster: boolean, signal: AbortSignal): Promise<Link> {
    const link = new Link(request, inMaster);
    await link.turns.take(signal, (either) => link.ready(either));
    return link;
  }

  /** What the server is: read when the session was opened. */
  get about(): About {
    if (!this.known) throw new Error('the link was never open');
    return this.known;
  }

  /** Whether the session is one of this process to the same server. */
  isOurs(id: string, loginTime: string): boolean {
    return ours.get(this.about.serverKey)?.has(`${id} ${loginTime}`) ?? false;
  }

  /** Whether the id belongs to a session of this process to the same server, whenever it logged in. */
  isOurId(id: string): boolean {
    return [...(ours.get(this.about.serverKey) ?? [])].some((key) => key.startsWith(`${id} `));
  }

  /** One SELECT (sp_executesql); `limitMs` defaults to the limit the connection was made with. */
  async rows(sql: string, signal: AbortSignal, limitMs = this.request.timeoutMs): Promise<readonly Row[]> {
    const { columns, rows } = await this.run(sql, 'query', signal, limitMs);
    return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
  }

  /** One statement exactly as it is written (a batch), columns as the server names them. */
  table(sql: string, signal: AbortSignal): Promise<Rows> {
    return this.run(sql, 'batch', signal, this.request.timeoutMs);
  }

  /** Stops what is running, on the server too, and closes the session. */
  async close(): Promise<void> {
    await this.turns.close();
    await this.drop();
  }

  private run(sql: string, kind: 'query' | 'batch', caller: AbortSignal, limitMs: number): Promise<Rows> {
    return this.turns.take(caller, async (signal) => this.ask(await this.ready(signal), sql, kind, signal, limitMs));
  }

  private async ready(signal: AbortSignal): Promise<Session> {
    if (this.session && !this.session.lost) return this.session;
    await this.drop();
    const session = await Session.open(this.request, this.inMaster, signal);
    this.known = session.about;
    const { serverKey } = session.about;
    ours.set(serverKey, (ours.get(serverKey) ?? new Set()).add(session.key));
    this.session = session;
    return session;
  }

  private async drop(): Promise<void> {
    const { session } = this;
    this.session = null;
    if (!session) return;
    await session.close();
    // the server may list it for a moment longer
    setTimeout(() => ours.get(session.about.serverKey)?.delete(session.key), 60_000).unref();
  }

  private async ask(
    session: Session,
    sql: string,
    kind: 'query' | 'batch',
    signal: AbortSignal,
    limitMs: number,
  ): Promise<Rows> {
    const running = session.start(sql, kind);
    let stopped = null as Failure | null;
    let cut: NodeJS.Timeout | undefined;
    const stop = (why: Failure) => {
      if (stopped) return;
      stopped = why;
      cut = setTimeout(() => session.cut(why), GRACE_MS);
      running.cancel();
    };
    const onAbort = () => stop(cancelled(signal.reason));
    const late = setTimeout(() => stop(timedOut(this.where, limitMs)), limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await running.answer;
      if (stopped) throw stopped;
      return answer;
    } catch (error) {
      throw stopped ?? driverFailure(error, this.where);
    } finally {
      clearTimeout(late);
      clearTimeout(cut);
      signal.removeEventListener('abort', onAbort);
    }
  }
}

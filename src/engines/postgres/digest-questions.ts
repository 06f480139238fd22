/**
 * Short questions to one server. Those that wait at the same time travel in one message: with the server some
 * milliseconds away, hundreds of small tables cost the way there and back a few times and not hundreds of times.
 */
import { asFailure, cancelled } from '../../util/failure.ts';
import type { Cell } from './digest-snapshot.ts';

/** Runs these statements in one message on a connection that is free, and gives the answer of each. */
export type Messenger = (statements: readonly string[], signal: AbortSignal) => Promise<readonly Cell[][][]>;

interface Question {
  readonly sql: string;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Cell[][]) => void;
  readonly reject: (why: unknown) => void;
}

/** In one message at most, and at least before another connection is worth its while. */
const MOST = 64;
const FEW = 8;
/** Rows of an answer that its reader may take some time for. */
const LONG = 1000;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Questions {
  private readonly waiting: Question[] = [];
  private carriers = 0;
  private underway = 0;

  constructor(
    /** messages at the same time */
    private readonly width: number,
    private readonly send: Messenger,
  ) {}

  ask(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    return new Promise((resolve, reject) => {
      // one of its own: many listeners to the caller's would look like a leak
      this.waiting.push({ sql, signal: AbortSignal.any([signal]), resolve, reject });
      if (this.carriers < this.width) void this.carry();
    });
  }

  private async carry(): Promise<void> {
    this.carriers++;
    // what is asked in the same turn goes along
    await nextTurn();
    while (this.waiting.length > 0) {
      const share = Math.ceil(this.waiting.length / (this.width - this.underway));
      const questions = this.waiting.splice(0, Math.min(MOST, Math.max(FEW, share)));
      this.underway++;
      await this.deliver(questions);
      this.underway--;
    }
    this.carriers--;
  }

  /** Never rejects. Nobody's question is stopped on the server before all who asked have gone. */
  private async deliver(questions: readonly Question[]): Promise<void> {
    const stop = new AbortController();
    const signals = questions.map(({ signal }) => signal);
    const look = () => {
      if (signals.every((signal) => signal.aborted)) stop.abort(signals[0]?.reason);
    };
    for (const signal of signals) signal.addEventListener('abort', look, { once: true });
    look();
    try {
      const answers = await this.send(
        questions.map(({ sql }) => sql),
        stop.signal,
      );
      for (const [i, { signal, resolve, reject }] of questions.entries()) {
        const answer = answers[i] ?? [];
        if (signal.aborted) reject(cancelled(signal.reason));
        else resolve(answer);
        if (answer.length > LONG) await nextTurn();
      }
    } catch (error) {
      if (questions.length === 1 || asFailure(error).reason === 'cancelled') {
        for (const { reject } of questions) reject(error);
      } else {
        // one of them failed or waits for a lock, and the others with it: the connections find out which
        const half = Math.ceil(questions.length / 2);
        await Promise.all([this.deliver(questions.slice(0, half)), this.deliver(questions.slice(half))]);
      }
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', look);
    }
  }
}

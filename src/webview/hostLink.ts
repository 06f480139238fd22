import {
  parseToPanel,
  type FailureFacts,
  type HostAction,
  type Intent,
  type IntentResult,
  type Side,
  type ToHost,
  type ToPanel,
} from '../protocol/index.ts';
import { sentence } from '../util/sentence.ts';
import { Memory, type PanelState } from './memory.ts';

interface VsCodeApi {
  postMessage(message: ToHost): void;
  getState(): unknown;
  setState(state: PanelState & { readonly task: string }): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

type RawAnswer = Extract<ToPanel, { type: 'rawAnswer' }>;
type Answer = Extract<ToPanel, { type: 'answer' }>;
type News = Exclude<ToPanel, Answer | RawAnswer>;

/** The one way out of the page and into it. Every request is answered by the host, once. */
export class HostLink {
  readonly #vscode = acquireVsCodeApi();
  /** The task goes with it: by it the host knows what to put into a panel that VS Code restores. */
  readonly memory = new Memory(this.#vscode.getState(), (state) =>
    this.#vscode.setState({ ...state, task: document.body.dataset['task'] ?? '' }),
  );
  readonly #answers = new Map<number, (answer: Answer | RawAnswer) => void>();
  // The host may still be answering the page that was here before: its numbers must not be ours.
  #lastId = Date.now();

  /** `news` gets pictures and the language, `problem` what fits no schema. */
  constructor(news: (message: News) => void, problem: (where: string) => void) {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      const parsed = parseToPanel(event.data);
      if (!parsed.ok) this.#refuse(event.data, parsed.problem, problem);
      else if (parsed.value.type === 'answer' || parsed.value.type === 'rawAnswer') this.#settle(parsed.value);
      else news(parsed.value);
    });
  }

  ready(): void {
    this.#vscode.postMessage({ type: 'ready' });
  }

  /** What changed cannot be put together with what is shown. */
  whole(): void {
    this.#vscode.postMessage({ type: 'whole' });
  }

  async intent(intent: Intent): Promise<IntentResult> {
    const answer = await this.#ask((id) => ({ type: 'intent', id, intent }));
    return resultOf(answer);
  }

  async action(action: HostAction): Promise<IntentResult> {
    const answer = await this.#ask((id) => ({ type: 'action', id, action }));
    return resultOf(answer);
  }

  async raw(side: Side): Promise<RawAnswer> {
    const answer = await this.#ask((id) => ({ type: 'raw', id, side }));
    if (answer.type === 'rawAnswer') return answer;
    return { type: 'rawAnswer', id: answer.id, raw: null, failure: failureOf(answer.result) };
  }

  #ask(message: (id: number) => ToHost): Promise<Answer | RawAnswer> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#vscode.postMessage(message(id));
    });
  }

  /** An answer that cannot be read still ends the waiting of whoever asked. */
  #refuse(message: unknown, where: string, problem: (where: string) => void): void {
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
    if (typeof id !== 'number' || !this.#answers.has(id)) problem(where);
    else this.#settle({ type: 'answer', id, result: { ok: false, declined: false, failure: UNREADABLE } });
  }

  #settle(answer: Answer | RawAnswer): void {
    this.#answers.get(answer.id)?.(answer);
    this.#answers.delete(answer.id);
  }
}

function resultOf(answer: Answer | RawAnswer): IntentResult {
  if (answer.type === 'answer') return answer.result;
  return answer.failure ? { ok: false, declined: false, failure: answer.failure } : { ok: true };
}

const failureOf = (result: IntentResult) => (result.ok || result.declined ? null : result.failure);

const UNREADABLE: FailureFacts = {
  reason: 'unexpected-answer',
  what: sentence('The answer of the extension cannot be read.'),
  tryThis: sentence('See the timeline for what was done before trying again.'),
};

import assert from 'node:assert/strict';
import { Window, type Element, type HTMLElement } from 'happy-dom';
import { setTimeout as wait } from 'node:timers/promises';
import type { ToHost, ToPanel } from '../../src/protocol/messages.ts';
import type { RunSnapshot } from '../../src/cutover/snapshot.ts';
import { panelFiles } from './gallery/bundle.ts';
import { NOW } from './gallery/parts.ts';
import { SCENES } from './gallery/scenes.ts';

/** The panel as it is packaged, in a page without layout, with the host's end in the test's hands. */
export interface Panel {
  readonly window: Window;
  /** everything the panel sent, in order */
  readonly sent: ToHost[];
  /** what it asked to be remembered */
  readonly remembered: unknown[];
  /** as the host posts it; resolves when the panel has drawn it */
  post(message: unknown): Promise<void>;
  show(snapshot: RunSnapshot): Promise<void>;
  /** resolves when everything has been drawn */
  drawn(): Promise<void>;
  text(selector?: string): string;
  /** the buttons, plain and the library's, whose label holds this */
  button(label: string): HTMLElement;
  has(label: string): boolean;
  all(selector: string): HTMLElement[];
  click(label: string): Promise<void>;
  /** the last message of a type */
  last<T extends ToHost['type']>(type: T): Extract<ToHost, { type: T }>;
  close(): Promise<void>;
}

export interface Opening {
  readonly language?: string;
  readonly bundle?: Readonly<Record<string, string>>;
  /** what the page before asked to be remembered */
  readonly state?: unknown;
  readonly snapshot?: RunSnapshot;
}

export async function openPanel({ language = 'en', bundle = {}, state, snapshot }: Opening = {}): Promise<Panel> {
  const window = new Window({
    url: 'http://127.0.0.1/',
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  const sent: ToHost[] = [];
  const remembered: unknown[] = [];
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: ToHost) => sent.push(structuredClone(message)),
      getState: () => state,
      setState: (value: unknown) => remembered.push(structuredClone(value)),
    }),
    Path2D: class {
      moveTo() {}
      lineTo() {}
      rect() {}
      arc() {}
      closePath() {}
    },
    matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
  });
  // form-associated elements, which happy-dom does not have
  Object.assign(window.HTMLElement.prototype, {
    attachInternals: () => ({ form: null, setFormValue() {}, setValidity() {} }),
  });
  window.HTMLCanvasElement.prototype.getContext = paper as never;
  window.document.body.dataset['task'] = 'ap-guangzhou/dts-k3f9x2ab';
  window.document.body.innerHTML = '<dts-cutover-panel></dts-cutover-panel>';
  window.eval((await panelFiles())['panel.js']);
  const { document } = window;

  const drawn = async () => {
    for (let round = 0; round < 4; round++) await wait(0);
  };
  const post = async (data: unknown) => {
    window.dispatchEvent(new window.MessageEvent('message', { data }));
    await drawn();
  };
  const isElement = (node: object): node is HTMLElement => node instanceof window.HTMLElement;
  const all = (selector: string) => [...document.querySelectorAll(selector)].filter(isElement);
  const labelOf = (element: Element) => `${element.textContent} ${element.getAttribute('aria-label') ?? ''}`;
  const find = (label: string) => all('button, vscode-button').find((element) => labelOf(element).includes(label));
  const button = (label: string) => {
    const found = find(label);
    if (!found) throw new Error(`no button "${label}" among ${all('button, vscode-button').map(labelOf).join(' | ')}`);
    return found;
  };
  const panel: Panel = {
    window,
    sent,
    remembered,
    post,
    drawn,
    all,
    button,
    show: (picture) => post({ type: 'snapshot', snapshot: picture } satisfies ToPanel),
    text: (selector = 'body') =>
      all(selector)
        .map((element) => words(element.textContent))
        .join('\n'),
    has: (label) => find(label) !== undefined,
    click: async (label) => {
      button(label).click();
      await drawn();
    },
    last: (type) => {
      const message = sent.findLast((candidate) => candidate.type === type);
      if (!message) throw new Error(`nothing of type ${type} was sent`);
      return message as Extract<ToHost, { type: typeof type }>;
    },
    close: () => window.happyDOM.close(),
  };
  await drawn();
  await post({ type: 'init', language, bundle, now: NOW } satisfies ToPanel);
  if (snapshot) await panel.show(snapshot);
  return panel;
}

/** A recorded picture of the gallery. */
export function scene(name: string): RunSnapshot {
  const found = SCENES[name];
  assert.ok(found, `no scene ${name}`);
  return found.snapshot;
}

/** An answer of the host to something it will not do. */
export const REFUSED = {
  reason: 'refused',
  what: { text: 'It is refused.' },
  tryThis: { text: 'Ask again.' },
} as const;

/** Writes a text into a field, as somebody at the keyboard does. */
export async function type(panel: Panel, selector: string, text: string): Promise<void> {
  const field = panel.all(selector)[0];
  assert.ok(field, selector);
  Object.assign(field, { value: text });
  field.dispatchEvent(new panel.window.Event('input', { bubbles: true }));
  await panel.drawn();
}

/** Presses a key in an element. */
export async function press(panel: Panel, selector: string, key: string, more: object = {}): Promise<void> {
  const element = panel.all(selector)[0];
  assert.ok(element, selector);
  element.dispatchEvent(new panel.window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  await panel.drawn();
}

const words = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Something the chart can draw on where there is no canvas: every method does nothing, every property is kept. */
function paper(): object {
  return new Proxy<Record<PropertyKey, unknown>>(
    {},
    { get: (kept, name) => kept[name] ?? (name === 'measureText' ? () => ({ width: 10 }) : () => undefined) },
  );
}

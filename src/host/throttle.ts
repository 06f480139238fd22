import type { Disposable } from 'vscode';

export interface Throttle extends Disposable {
  /** asks for a call: at once when the last one is long enough ago, otherwise as soon as it is; asking again joins */
  request(): void;
}

/** Calls `action` at most once per `ms` milliseconds, and always once more after the last request. */
export function throttle(ms: number, action: () => void): Throttle {
  let last = -Infinity;
  let timer: NodeJS.Timeout | null = null;
  const run = () => {
    timer = null;
    last = performance.now();
    action();
  };
  return {
    request() {
      if (timer) return;
      const wait = last + ms - performance.now();
      if (wait <= 0) run();
      else timer = setTimeout(run, wait);
    },
    dispose() {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

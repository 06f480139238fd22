import * as vscode from 'vscode';
import { redact } from './redact.ts';

/** The extension's own output channel. Everything passes the redactor; objects are never written whole. */
export interface Log extends vscode.Disposable {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  /** the error's class, code, message and stack, and those of its causes */
  error(text: string, error?: unknown): void;
  /** from now on this text never appears in the log */
  keepSecret(secret: string): void;
  show(): void;
}

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('DTS Cutover', { log: true });
  const secrets = new Set<string>();
  const clean = (text: string) => redact(text, secrets);
  return {
    debug: (text) => channel.debug(clean(text)),
    info: (text) => channel.info(clean(text)),
    warn: (text) => channel.warn(clean(text)),
    error: (text, error) => channel.error(clean(error === undefined ? text : `${text}\n${describeError(error)}`)),
    keepSecret: (secret) => {
      if (secret.length >= 4) for (const form of [secret, encodeURIComponent(secret)]) secrets.add(form);
    },
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}

/** The chain of causes as text: what kind, which code, what it says, where it came from. */
function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `(${typeof error})`;
  const reason = 'reason' in error && typeof error.reason === 'string' ? ` ${error.reason}` : '';
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const stack = (error.stack ?? '').split('\n').slice(1).join('\n');
  const own = `${error.name}${reason}${code}: ${error.message}\n${stack}`.trimEnd();
  return error.cause === undefined || depth > 4 ? own : `${own}\ncaused by ${describeError(error.cause, depth + 1)}`;
}

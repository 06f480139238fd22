import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { throwIfAborted } from '../../util/wait.ts';

/** What others made or keep for themselves, and what a business is not configured by. */
const LEFT_OUT = '**/{.git,.hg,.svn,node_modules,dist,out,build,.venv,__pycache__}/**';
const MOST_FILES = 20_000;
const LARGEST_BYTES = 1024 * 1024;

export interface Found {
  readonly files: readonly vscode.Uri[];
  /** there were more files than are looked through */
  readonly cut: boolean;
}

/** The workspace's text files that `has` is true of. */
export async function textFilesWith(has: (text: string) => boolean, signal: AbortSignal): Promise<Found> {
  const all = await vscode.workspace.findFiles('**/*', LEFT_OUT, MOST_FILES + 1);
  const files: vscode.Uri[] = [];
  for (const file of all.slice(0, MOST_FILES)) {
    throwIfAborted(signal);
    const text = await readText(file);
    if (text !== null && has(text) && (await isInside(file))) files.push(file);
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), cut: all.length > MOST_FILES };
}

/** Null for what is no text, too large, or cannot be read. */
async function readText(file: vscode.Uri): Promise<string | null> {
  try {
    if ((await vscode.workspace.fs.stat(file)).size > LARGEST_BYTES) return null;
    const bytes = await vscode.workspace.fs.readFile(file);
    return bytes.includes(0) ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** A link in the workspace may lead out of it: what lies outside is not ours to change. */
async function isInside(file: vscode.Uri): Promise<boolean> {
  if (file.scheme !== 'file') return true;
  const real = await realpath(file.fsPath);
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const from = path.relative(await realpath(folder.uri.fsPath), real);
    if (from !== '' && !from.startsWith('..') && !path.isAbsolute(from)) return true;
  }
  return false;
}

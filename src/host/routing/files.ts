import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { throwIfAborted } from '../../util/wait.ts';
import { textOf, type DecodedText, type Encoding, type Unreadable } from './textOf.ts';

/** What others made or keep for themselves, and what a business is not configured by. */
const LEFT_OUT = '**/{.git,.hg,.svn,node_modules,dist,out,build,.venv,__pycache__}/**';
const MOST_FILES = 20_000;
const LARGEST_BYTES = 1024 * 1024;

export interface FoundFile {
  readonly uri: vscode.Uri;
  readonly encoding: Encoding;
}

export interface Found {
  readonly files: readonly FoundFile[];
  /** what could not be looked through: nobody may take it for searched */
  readonly unread: readonly { readonly uri: vscode.Uri; readonly why: Unread }[];
  /** there were more files than are looked through */
  readonly cut: boolean;
}

export type Unread = Unreadable | 'too large' | 'not readable';

/** The workspace's text files that `has` is true of. */
export async function textFilesWith(has: (text: string) => boolean, signal: AbortSignal): Promise<Found> {
  const all = await vscode.workspace.findFiles('**/*', LEFT_OUT, MOST_FILES + 1);
  const files: FoundFile[] = [];
  const unread: { uri: vscode.Uri; why: Unread }[] = [];
  for (const uri of all.slice(0, MOST_FILES)) {
    throwIfAborted(signal);
    const read = await readText(uri);
    if (typeof read === 'string') unread.push({ uri, why: read });
    else if (has(read.text) && (await isInside(uri))) files.push({ uri, encoding: read.encoding });
  }
  return { files: files.sort((a, b) => (a.uri.path < b.uri.path ? -1 : 1)), unread, cut: all.length > MOST_FILES };
}

async function readText(file: vscode.Uri): Promise<DecodedText | Unread> {
  try {
    if ((await vscode.workspace.fs.stat(file)).size > LARGEST_BYTES) return 'too large';
    return textOf(await vscode.workspace.fs.readFile(file));
  } catch {
    return 'not readable';
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

import * as vscode from 'vscode';
import { cancelled } from '../../util/failure.ts';

/** Where a question stands in a series of them: `step` of `total`, with a way back from the second on. */
export interface Place {
  readonly title: string;
  readonly step: number;
  readonly total: number;
}

export interface TextQuestion {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** what is wrong with the text, or null */
  readonly check?: (text: string) => string | null;
}

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** The user went one question back. */
export const BACK = Symbol('back');
export type Back = typeof BACK;

/** Asks for a text, trimmed. Closing the box rejects with `cancelled`. */
export function askText(place: Place, question: TextQuestion): Promise<string | Back> {
  const box = vscode.window.createInputBox();
  setPlace(box, place);
  box.prompt = question.prompt;
  box.value = question.value ?? '';
  box.placeholder = question.placeholder ?? '';
  box.password = question.password ?? false;
  return settle(box, (done) => {
    box.onDidChangeValue(() => (box.validationMessage = ''));
    box.onDidAccept(() => {
      // a password may begin or end with a space
      const text = question.password ? box.value : box.value.trim();
      const problem = question.check?.(text) ?? null;
      if (problem === null) done(text);
      else box.validationMessage = problem;
    });
  });
}

/** Asks for one of several choices. */
export function askOne<T>(
  place: Place,
  placeholder: string,
  choices: readonly Choice<T>[],
  preselected?: T,
): Promise<T | Back> {
  const box = vscode.window.createQuickPick<Choice<T>>();
  setPlace(box, place);
  box.placeholder = placeholder;
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.items = choices;
  box.activeItems = choices.filter(({ value }) => value === preselected).slice(0, 1);
  return settle(box, (done) => {
    box.onDidAccept(() => {
      const [chosen] = box.selectedItems;
      if (chosen) done(chosen.value);
    });
  });
}

function setPlace(box: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>, { title, step, total }: Place): void {
  box.title = title;
  box.step = step;
  box.totalSteps = total;
  box.ignoreFocusOut = true;
  if (step > 1) box.buttons = [vscode.QuickInputButtons.Back];
}

function settle<T>(
  box: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  wire: (done: (answer: T) => void) => void,
): Promise<T | Back> {
  return new Promise<T | Back>((resolve, reject) => {
    const done = (answer: T | Back) => {
      resolve(answer);
      box.hide();
    };
    wire(done);
    box.onDidTriggerButton(() => done(BACK));
    box.onDidHide(() => {
      reject(cancelled());
      box.dispose();
    });
    box.show();
  });
}

/** A question of a series; it gets the answers so far and adds its own. */
export type Question<A> = (answers: A, place: Place) => Promise<A | Back>;

/** Asks one question after the other; Back returns to the one before with its answer kept. */
export async function askAll<A>(title: string, first: A, questions: readonly Question<A>[]): Promise<A> {
  let answers = first;
  for (let index = 0; index < questions.length;) {
    const question = questions[index];
    if (!question) break;
    const answer = await question(answers, { title, step: index + 1, total: questions.length });
    if (answer === BACK) index = Math.max(0, index - 1);
    else {
      answers = answer;
      index++;
    }
  }
  return answers;
}

/** A modal yes or no. */
export async function agree(message: string, detail: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
}

import * as vscode from 'vscode';

/**
 * Answers the questions of a command as a user would: text goes into the real input boxes, names are chosen in the real
 * quick picks, and Enter is pressed by the editor's own command. One answer per question, in order; null takes what is
 * proposed.
 */
export async function answering(
  answers: readonly (string | readonly string[] | null)[],
  work: () => Thenable<unknown>,
) {
  const left = [...answers];
  const { createInputBox, createQuickPick } = vscode.window;
  const window: { createInputBox: unknown; createQuickPick: unknown } = vscode.window;
  let pressing = true;
  window.createInputBox = () => {
    const box = createInputBox();
    answerOnShow(box, (answer) => (box.value = String(answer)));
    return box;
  };
  window.createQuickPick = () => {
    const pick = createQuickPick();
    answerOnShow(pick, (answer) => {
      const names = typeof answer === 'string' ? [answer] : answer;
      pick.selectedItems = pick.items.filter(({ label }) => names.includes(label));
    });
    return pick;
  };
  function answerOnShow(input: vscode.QuickInput, fill: (answer: string | readonly string[]) => void): void {
    const show = input.show.bind(input);
    input.show = () => {
      show();
      const answer = left.shift();
      if (answer === undefined) input.hide();
      else if (answer !== null) fill(answer);
    };
  }
  // An input takes Enter once the workbench has shown it, which nothing tells: press until the work is done. The command
  // is one that every version has which the extension runs in.
  const press = async () => {
    while (pressing) {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const presses = press();
  try {
    await work();
  } finally {
    pressing = false;
    await presses;
    window.createInputBox = createInputBox;
    window.createQuickPick = createQuickPick;
  }
  return left;
}

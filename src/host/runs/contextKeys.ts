import * as vscode from 'vscode';
import type { TaskList } from '../cloud/taskList.ts';
import * as offer from '../commands/offers.ts';
import type { Offer } from '../commands/command.ts';
import { setContext } from '../contextKeys.ts';
import { throttle } from '../throttle.ts';
import { isUnderWay, type RunRegistry } from './registry.ts';

/** What the palette may show now, by what is known of the open runs and the list. */
export function followRuns(runs: RunRegistry, list: TaskList): vscode.Disposable {
  const tell = throttle(500, () => {
    const known = runs.all().map((run) => {
      const snapshot = run.snapshot();
      return { run: snapshot, task: list.find(snapshot.ref) };
    });
    const some = (can: Offer) => known.some(can);
    setContext('hasRuns', some(offer.hasRun));
    setContext(
      'underWay',
      known.some(({ run }) => isUnderWay(run)),
    );
    setContext(
      'othersRun',
      runs.all().some(({ record }) => record.owner !== null),
    );
    setContext('canPause', some(offer.canPause));
    setContext('canResume', some(offer.canResume));
    setContext('canTerminate', some(offer.canTerminate));
    setContext('comparing', some(offer.comparing));
    setContext('hasDifferences', some(offer.hasDifferences));
    setContext('canDtsCompare', some(offer.canDtsCompare));
    setContext('dtsComparing', some(offer.dtsComparing));
    setContext('canReplaceAddress', some(offer.canReplaceAddress));
    setContext('canSwitch', some(offer.canSwitch));
    setContext('canHandOver', some(offer.canHandOver));
    setContext('canTakeBack', some(offer.canTakeBack));
    setContext('canFinish', some(offer.canFinish));
    const ready = list
      .regions()
      .some(({ tasks }) => [...tasks.values()].some((task) => offer.canComplete({ task, run: undefined })));
    setContext('canComplete', ready || some(offer.canComplete));
  });
  return vscode.Disposable.from(
    tell,
    runs.onDidChange(() => tell.request()),
    list.onDidChange(() => tell.request()),
  );
}

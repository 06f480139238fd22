import { configureConnection } from '../connections/configure.ts';
import { chooseCredentials, selectRegions, signIn, signOut } from '../credentials/signIn.ts';
import { copyTaskId, openInConsole, openWalkthrough } from './browse.ts';
import { replaceAddress } from '../routing/replaceAddress.ts';
import type { Command } from './command.ts';
import { forgetConnection, testConnections } from './connections.ts';
import * as offer from './offers.ts';
import { exportReport } from './report.ts';
import { handOver, importHandover, takeBack } from './handOver.ts';
import { checkConsistency } from './compare.ts';
import { openDifferences, openRepair } from './differences.ts';
import { openDtsReport, startDtsComparison, stopDtsComparison } from './dtsComparison.ts';
import { cancelConsistency, completeTask, finishRun, takeOver } from './run.ts';
import { recordPause, recordResume, recordSwitch } from './moments.ts';
import { checkSessions, terminateSession } from './sessions.ts';
import { clearFilter, filterTasks, groupTasks, refreshTasks, showMore } from './view.ts';

/** Every command there is. The manifest gives them titles and says when the palette shows them. */
export const commands: readonly Command[] = [
  { id: 'signIn', run: signIn },
  { id: 'signOut', run: signOut },
  { id: 'chooseCredentials', run: chooseCredentials },
  { id: 'selectRegions', run: selectRegions },

  { id: 'refreshTasks', run: refreshTasks },
  { id: 'filterTasks', run: filterTasks },
  { id: 'clearFilter', run: clearFilter },
  { id: 'groupTasks', run: groupTasks },
  { id: 'showMore', run: showMore },

  { id: 'openPanel', offers: offer.any, onTask: (parts, ref) => parts.panels.open(ref) },
  { id: 'configureSource', offers: offer.spoken, onTask: (p, ref, s) => configureConnection(p, ref, 'source', s) },
  { id: 'configureTarget', offers: offer.spoken, onTask: (p, ref, s) => configureConnection(p, ref, 'target', s) },
  { id: 'testConnections', offers: offer.spoken, onTask: testConnections },
  { id: 'forgetConnection', run: forgetConnection },

  { id: 'checkSessions', offers: offer.spoken, onTask: checkSessions },
  { id: 'recordPause', offers: offer.canPause, onTask: recordPause },
  { id: 'recordResume', offers: offer.canResume, onTask: recordResume },
  { id: 'terminateSession', offers: offer.canTerminate, onTask: terminateSession },
  { id: 'completeTask', offers: offer.canComplete, onTask: completeTask },
  { id: 'checkConsistency', offers: offer.spoken, onTask: checkConsistency },
  { id: 'cancelConsistency', offers: offer.comparing, onTask: cancelConsistency },
  { id: 'startDtsComparison', offers: offer.canDtsCompare, onTask: startDtsComparison },
  { id: 'stopDtsComparison', offers: offer.dtsComparing, onTask: stopDtsComparison },
  { id: 'openDtsReport', offers: offer.any, onTask: openDtsReport },
  { id: 'openDifferences', offers: offer.hasDifferences, onTask: (parts, ref) => openDifferences(parts, ref) },
  { id: 'openRepair', offers: offer.hasDifferences, onTask: (parts, ref) => openRepair(parts, ref) },
  { id: 'replaceAddress', offers: offer.canReplaceAddress, onTask: replaceAddress },
  { id: 'recordSwitch', offers: offer.canSwitch, onTask: recordSwitch },
  { id: 'takeOver', offers: offer.canFinish, onTask: takeOver },
  { id: 'handOver', offers: offer.canHandOver, onTask: handOver },
  { id: 'takeBack', offers: offer.canTakeBack, onTask: takeBack },
  { id: 'importHandover', run: importHandover },
  { id: 'finishRun', offers: offer.canFinish, onTask: finishRun },
  { id: 'exportReport', offers: offer.hasRun, onTask: exportReport },

  { id: 'copyTaskId', offers: offer.any, onTask: copyTaskId },
  { id: 'openInConsole', offers: offer.any, onTask: openInConsole },
  { id: 'showLog', run: ({ log }) => log.show() },
  { id: 'openWalkthrough', run: openWalkthrough },
];

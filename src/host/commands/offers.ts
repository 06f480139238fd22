/** When a command can run for a task. The same answers make the palette's context keys and the lists to pick from. */
import type { IntentKind } from '../../cutover/intents.ts';
import type { Offer } from './command.ts';

export const any: Offer = () => true;

/** an engine of ours can speak to it */
export const spoken: Offer = ({ task }) => !task || task.source.engine !== null;

export const hasRun: Offer = ({ run }) => run !== undefined && run.timelineTotal > 0;

/** The run's own table says what may be asked of it: nothing is offered that would be refused. */
const may =
  (kind: IntentKind): Offer =>
  ({ run }) =>
    run !== undefined && run.refused[kind] === undefined;

export const canPause: Offer = (known) => may('recordPause')(known) && known.run?.downtime.since === null;

export const canResume: Offer = may('recordResume');

export const canTerminate: Offer = (known) =>
  may('terminateSession')(known) &&
  known.run !== undefined &&
  [known.run.source, known.run.target].some(({ sessions }) => sessions.length > 0);

/** without a run the command opens one, so that the way to Complete is found from a task that is ready */
export const canComplete: Offer = ({ task, run }) =>
  run?.started ? run.refused.complete === undefined : (run?.task ?? task)?.status === 'readyComplete';

export const comparing: Offer = may('cancelComparison');

/** the newest comparison looked at the rows and did not find them all the same */
export const hasDifferences: Offer = ({ run }) =>
  run?.verification.latest?.method === 'digest' && run.verification.latest.verdict !== 'same';

/** DTS compares only in the incremental step, before Complete */
export const canDtsCompare: Offer = may('startDtsComparison');

export const dtsComparing: Offer = may('stopDtsComparison');

/** the target is the database now, or about to be */
export const canReplaceAddress: Offer = may('recordRouting');

export const canSwitch: Offer = may('recordSwitch');

export const canHandOver: Offer = may('handOver');

export const canTakeBack: Offer = may('takeBack');

export const canFinish: Offer = may('finish');

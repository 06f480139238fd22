/** When a command can run for a task. The same answers make the palette's context keys and the lists to pick from. */
import type { Offer } from './command.ts';

export const any: Offer = () => true;

/** an engine of ours can speak to it */
export const spoken: Offer = ({ task }) => !task || task.source.engine !== null;

export const hasRun: Offer = ({ run }) => run !== undefined && run.timelineTotal > 0;

export const canPause: Offer = ({ run }) =>
  run !== undefined &&
  run.started &&
  run.finishedAt === null &&
  run.incremental === true &&
  run.downtime.since === null;

export const canResume: Offer = ({ run }) =>
  run !== undefined &&
  run.finishedAt === null &&
  run.downtime.since !== null &&
  run.downtime.until === null &&
  run.completion.state !== 'succeeded';

export const canTerminate: Offer = ({ run }) =>
  run !== undefined && [run.source, run.target].some(({ sessions }) => sessions.length > 0);

export const canComplete: Offer = ({ task, run }) =>
  (run?.task ?? task)?.status === 'readyComplete' && run?.completion.state !== 'succeeded';

export const comparing: Offer = ({ run }) => run !== undefined && run.verification.running !== null;

/** the newest comparison looked at the rows and did not find them all the same */
export const hasDifferences: Offer = ({ run }) =>
  run?.verification.latest?.method === 'digest' && run.verification.latest.verdict !== 'same';

/** DTS compares only in the incremental step, before Complete */
export const canDtsCompare: Offer = ({ run }) => run !== undefined && run.dtsComparison.refusal === null;

export const dtsComparing: Offer = ({ run }) =>
  run?.dtsComparison.latest?.outcome === null && run.dtsComparison.latest.failure === null;

/** the target is the database now, or about to be */
export const canReplaceAddress: Offer = ({ run }) =>
  run !== undefined &&
  run.started &&
  run.finishedAt === null &&
  (run.incremental === false || run.completion.state === 'succeeded');

export const canSwitch: Offer = (known) => canReplaceAddress(known) && known.run?.cutoverAt === null;

export const canFinish: Offer = ({ run }) => run !== undefined && run.started && run.finishedAt === null;

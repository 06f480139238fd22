/** Complete, shut, open, sent and lost. */
import { sentence } from '../../../../src/util/sentence.ts';
import { ago, picture, window } from '../parts.ts';
import { dtsComparison, type Scenes } from './scene.ts';

const dwellMissing = {
  state: 'waiting',
  why: [sentence('Gap and lag have been 0 for {held} s of {required} s.', { held: 34, required: 60 })],
  evidence: [sentence('The task allows Complete.'), sentence('The source has been quiet for 214 s.')],
} as const;

export const COMPLETE: Scenes = {
  '6-complete-shut': {
    snapshot: picture('complete', dwellMissing, { zeroDwell: window(60, 34), quietWindow: window(180, 214) }),
  },
  '6-complete-open': {
    snapshot: picture(
      'complete',
      {
        state: 'open',
        why: [],
        evidence: [...dwellMissing.evidence, sentence('Gap and lag have been 0 for 72 s since the source is quiet.')],
      },
      { zeroDwell: window(60, 72), quietWindow: window(180, 252) },
    ),
  },
  '6-outcome-unknown': {
    snapshot: picture('complete', dwellMissing, {
      completion: {
        state: 'outcomeUnknown',
        at: ago(6),
        failure: {
          reason: 'outcome-unknown',
          what: sentence('The connection to DTS broke while Complete was being sent.'),
          tryThis: null,
        },
      },
    }),
  },
  '6-rejected': {
    snapshot: picture('complete', dwellMissing, {
      completion: {
        state: 'rejected',
        at: ago(6),
        failure: {
          reason: 'not-allowed-now',
          what: sentence('DTS does not allow Complete now.'),
          tryThis: sentence('Wait until the status is readyComplete.'),
        },
      },
    }),
  },
  overridden: {
    snapshot: (() => {
      const base = picture('complete', dwellMissing, { zeroDwell: window(60, 34) });
      const override = { reason: 'The two idle sessions are the read-only report tool.', by: 'Mei Lin', at: ago(60) };
      return {
        ...base,
        steps: base.steps.map((step) =>
          step.id === 'quiet'
            ? { ...step, state: 'overridden' as const, override }
            : step.id === 'complete'
              ? { ...step, override }
              : step,
        ),
      };
    })(),
  },
  '6-dts-differs': {
    snapshot: picture('complete', dwellMissing, {
      zeroDwell: window(60, 34),
      dtsComparison: {
        refusal: null,
        latest: dtsComparison({
          outcome: {
            verdict: 'different',
            summary: sentence(
              'DTS found differences in {different} of {total} tables ({rows} rows); {skipped} were skipped.',
              {
                ...{ different: 1, total: 340, rows: 2, skipped: 0 },
              },
            ),
          },
        }),
        reading: null,
        failure: null,
      },
    }),
  },
};

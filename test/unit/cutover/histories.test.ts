/** Random histories under three worlds, against an oracle that knows the runbook and the truth. More: `npm run bench -- histories`. */
import { playHistory } from './histories/play.ts';
import { WORLDS } from './histories/made.ts';

const COUNT = 334;
/** `DTS_CUTOVER_SEED` plays the histories of an earlier run again */
const SEED = Number(process.env['DTS_CUTOVER_SEED'] ?? Date.now() % 1_000_000_000);

describe('random histories', () => {
  for (const kind of WORLDS) {
    it(`with a ${kind}: no Complete that must not be, no dead end, nothing without its entry (seed ${SEED})`, async function () {
      this.timeout(300_000);
      for (let i = 0; i < COUNT; i++) await playHistory(kind, SEED + i, 14);
    });
  }
});

/** The panel in every state worth looking at: recorded pictures, as the host would send them. */
import { NOW } from './parts.ts';
import { BEFORE_PAUSE } from './scenes/beforePause.ts';
import { COMPLETE } from './scenes/complete.ts';
import { ENDS } from './scenes/ends.ts';
import { QUIET } from './scenes/quiet.ts';
import type { Scenes } from './scenes/scene.ts';
import { VERIFY } from './scenes/verify.ts';

export const SCENES: Scenes = { ...BEFORE_PAUSE, ...QUIET, ...COMPLETE, ...VERIFY, ...ENDS };

export { NOW };

/** MongoDB 4.2 to 8: standalone servers, replica sets and sharded clusters (mongos), through `mongodb`. */
import type { Engine } from '../engine.ts';
import { connect } from './connect.ts';

export { mongodbDigest } from './digest.ts';

export const mongodb: Engine = { kind: 'mongodb', connect };

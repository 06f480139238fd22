/** What one product's own means of copying and replicating must offer, so that `Migration` can lead it as DTS would. */
import type { ComparedSide } from './compare.ts';

export interface MigrationEnd {
  readonly host: string;
  readonly port: number;
  /** the migration account; may do everything */
  readonly user: string;
  readonly password: string;
}

export interface MoverOptions {
  readonly jobId: string;
  /** to be moved; exists on both sides, empty on the target */
  readonly database: string;
  readonly source: MigrationEnd;
  readonly target: MigrationEnd;
  readonly log?: (line: string) => void;
}

/** What has arrived at the target, at one moment. */
export interface Standing {
  /** the number in the target's heartbeat table; null while there is none */
  readonly beat: string | null;
  /** position of the source's log up to which everything is applied; comparable with what `beat` answers */
  readonly applied: bigint;
  readonly gapBytes: number;
  /** why the server gave up applying; null while it goes on */
  readonly broken: string | null;
}

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface Mover {
  /** Copies rows and the structure they need and begins to follow the changes; resolves when it follows. `progress`: 0 to 99. */
  copy(progress: (percent: number) => void, signal: AbortSignal): Promise<void>;
  /** Writes a heartbeat into the source; answers where the source's log stands then. */
  beat(number: number): Promise<bigint>;
  /** null when it cannot be told; rejects when a server cannot be asked */
  look(): Promise<Standing | null>;
  /** Lets the target apply changes, or not. */
  apply(on: boolean): Promise<void>;
  /** Ends the replication where it stands and leaves nothing of it. `force`: also when the other server is gone. */
  end(force: boolean): Promise<void>;
  /** Brings over what DTS brings only when the task is completed; nothing is applied any more. */
  addLateObjects(): Promise<void>;
  /** Sets what numbers new rows on the target to where the source's stands. */
  copySequences(): Promise<void>;
  /** Deletes the newest rows of a table on the target without a trace; answers how many. */
  loseRows(table: string, rows: number): Promise<number>;
  tables(): Promise<readonly TableName[]>;
  /** null when there is no such table */
  openSide(side: 'source' | 'target', table: TableName): Promise<ComparedSide | null>;
  /** Closes every connection. */
  disconnect(): Promise<void>;
}

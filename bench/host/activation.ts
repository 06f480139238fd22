/** One extension's line of VS Code's "Startup Performance" document; milliseconds. */
export interface Activation {
  /** reading and running its main file */
  readonly load: number;
  /** its `activate` */
  readonly call: number;
  /** waiting for what `activate` answered with */
  readonly finish: number;
  /** the activation event, as VS Code names it */
  readonly event: string;
  readonly total: number;
}

/** The table has the columns Extension, Eager, Load Code, Call Activate, Finish Activate, Event, By. */
export function readActivation(report: string, extension: string): Activation {
  const lines = report.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const cells = lines.find((line) => line.includes(extension));
  const [load, call, finish] = (cells ?? []).filter((cell) => /^\d+$/.test(cell)).map(Number);
  if (!cells || load === undefined || call === undefined || finish === undefined) {
    throw new Error(`The report has no times of ${extension}:\n${report}`);
  }
  const event = cells.find((cell) => /^(\*|on[A-Z]\w*)/.test(cell)) ?? '';
  return { load, call, finish, event, total: load + call + finish };
}

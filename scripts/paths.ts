import path from 'node:path';

/** The root of this repository. */
export const repository = path.dirname(import.meta.dirname);

/** A path inside the repository, given from its root. */
export const inRepository = (...parts: string[]) => path.join(repository, ...parts);

/** Composes the extension's parts. */
export function activate(): void {}

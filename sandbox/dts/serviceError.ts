/** An error in DTS's own words; the service answers it as {Response: {Error: {Code, Message}}}. */
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Why a file of comments was not taken. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  /** `unreachable`: it could not be had; `too_large`; `format`: neither XML nor JSON of comments; `version`; `malformed`. */
  readonly code: 'unreachable' | 'too_large' | 'format' | 'version' | 'malformed';

  constructor(code: ReplayError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

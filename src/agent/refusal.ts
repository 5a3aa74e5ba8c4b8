/** Why the agent does not do what was asked; `status` and `code` go out as problem+json. */
export interface Refusal {
  readonly code: string;
  readonly status: 400 | 404 | 409 | 422 | 503;
  readonly message: string;
}

/** A failure as one face of the API answers it. */
export interface RenderedError {
  readonly status: number;
  readonly contentType: string;
  readonly vary?: string;
  readonly body: unknown;
}

/** What a face may know of the failed request. */
export interface FailedRequest {
  readonly requestId: string;
  /** Path with query, as the client sent it. */
  readonly url: string;
  /** Whether the response repeats values of the request; absent, it does not. */
  readonly echoInput?: boolean | undefined;
}

/** Claims without progress after which a job is given up: it may be what ends the process. */
export const MAX_STALLS = 5;

/** Why a job that was claimed so often failed, for its client. */
export const STALLED = `it was begun ${MAX_STALLS} times and never got on`;

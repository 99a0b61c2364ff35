/**
 * The work's outcome, or a rejection as soon as `signal` aborts: for work that hears of it late, such as a request of a pool that is still
 * connecting. What becomes of the work then is nobody's concern.
 */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
  });
  work.catch(() => undefined); // told below, unless it was not waited for
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

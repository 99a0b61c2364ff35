/** A stop in progress: `asked` after the first signal, `now` after a later one that was not its echo. */
export interface StopSignals {
  /** Resolves with the signal's name when a stop is asked for. */
  readonly asked: Promise<string>;
  /** Takes the listeners off again. */
  dispose(): void;
}

const ECHO_MS = 1_000;

/**
 * SIGTERM and SIGINT ask for a stop. Signals within a second of the first are the same request (npm and a terminal both
 * deliver it); a later one calls `stopNow`.
 */
export function listenForStop(source: NodeJS.EventEmitter, nowMs: () => number, stopNow: () => void): StopSignals {
  let firstAtMs: number | null = null;
  let resolveAsked: (signal: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => {
    resolveAsked = resolve;
  });
  const onSignal = (signal: string): void => {
    if (firstAtMs === null) {
      firstAtMs = nowMs();
      resolveAsked(signal);
      return;
    }
    if (nowMs() - firstAtMs > ECHO_MS) stopNow();
  };
  source.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return { asked, dispose: () => void source.off('SIGTERM', onSignal).off('SIGINT', onSignal) };
}

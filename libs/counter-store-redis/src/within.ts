import type { Scheduler } from '@sallyport/kernel';

/** How long something may take. */
export interface Deadline {
  readonly scheduler: Scheduler;
  readonly deadlineMs: number;
}

/**
 * The work's answer, or `late()` thrown when it does not come in time. A busy process looks once more at what has arrived before
 * it calls an answer late.
 *
 * @param onLateAnswer Told of an answer that came after all.
 */
export function within<T>({ scheduler, deadlineMs }: Deadline, work: Promise<T>, late: () => Error, onLateAnswer?: (answer: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const giveUp = (): void => {
      isOver = true;
      reject(late());
    };
    let callOff = scheduler.after(deadlineMs, () => {
      callOff = scheduler.after(1, giveUp);
    });
    work.then(
      (answer) => {
        callOff();
        if (isOver) onLateAnswer?.(answer);
        else resolve(answer);
      },
      (error: unknown) => {
        callOff();
        reject(error instanceof Error ? error : new Error('a command failed'));
      },
    );
  });
}

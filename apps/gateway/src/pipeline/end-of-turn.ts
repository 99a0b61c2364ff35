/** A call's next step, which can wait until the end of the loop's turn. */
export interface PutOff {
  /** Called once. */
  atEndOfTurn(): void;
}

/**
 * Steps of one kind, put off to the end of the loop's turn and then taken for all calls of that turn, one after the other, in their order.
 *
 * Taken as they come, between the system calls of one socket and the next, they cost half as much again: what the processor had of their
 * code and data is gone each time, and each write wakes a peer that a moment later would have been awake. Nothing waits for a clock.
 */
export class EndOfTurn {
  private steps: PutOff[] = [];

  /** @param schedule Runs what it is given once everything that came in this turn has been seen. */
  constructor(private readonly schedule: (take: () => void) => void = setImmediate) {}

  add(step: PutOff): void {
    this.steps.push(step);
    if (this.steps.length === 1) this.schedule(this.takeAll);
  }

  /** A step that throws keeps no other from being taken: those after it have a turn of their own. */
  private readonly takeAll = (): void => {
    const steps = this.steps;
    this.steps = [];
    let taken = 0;
    try {
      for (const step of steps) {
        taken += 1;
        step.atEndOfTurn();
      }
    } finally {
      for (const step of steps.slice(taken)) this.add(step);
    }
  };
}

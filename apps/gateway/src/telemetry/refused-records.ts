import { TOPIC } from '@sallyport/broker';
import { RECORD_REFUSALS, type RecordRefusal } from '@sallyport/event-stream';
import { Counter, type Registry } from 'prom-client';

/** Counts records that stood where workers report and were written by none of this deployment's. */
export function countRefusedRecords(registry: Registry): (topic: string, refusal: RecordRefusal) => void {
  const counter = new Counter({
    name: 'sallyport_worker_records_refused_total',
    help: 'Records on topics of workers that no worker of this deployment wrote, by topic and by what was wrong.',
    labelNames: ['topic', 'reason'],
    registers: [registry],
  });
  for (const reason of RECORD_REFUSALS) counter.inc({ topic: TOPIC.status, reason }, 0);
  return (topic, reason) => counter.inc({ topic, reason });
}

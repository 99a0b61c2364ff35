import type { TopicSpec } from './broker.js';

/** The topics of a deployment, by what they hold. The version is part of the name: a topic's contract never changes. */
export const TOPIC = {
  events: 'cp.events.v1',
  snapshots: 'cp.snapshots.v1',
  status: 'dp.status.v1',
  audit: 'dp.audit.v1',
  auditRejected: 'dp.audit.dlq.v1',
} as const;

const DAY_MS = 86_400_000;

/**
 * Every topic of a deployment as DESIGN.md 3 has them.
 *
 * @param auditPartitions How many partitions `dp.audit` has: how many audit consumers can share the work. The others have one each.
 */
export function deploymentTopics(auditPartitions: number): readonly TopicSpec[] {
  return [
    { name: TOPIC.events, partitions: 1, cleanup: 'delete', retentionMs: 7 * DAY_MS },
    { name: TOPIC.snapshots, partitions: 1, cleanup: 'compact', settings: { 'segment.ms': '3600000', 'min.cleanable.dirty.ratio': '0.1' } },
    { name: TOPIC.status, partitions: 1, cleanup: 'compact,delete', retentionMs: DAY_MS, settings: { 'segment.ms': '3600000' } },
    { name: TOPIC.audit, partitions: auditPartitions, cleanup: 'delete', retentionMs: 7 * DAY_MS },
    { name: TOPIC.auditRejected, partitions: 1, cleanup: 'delete', retentionMs: 30 * DAY_MS },
  ];
}

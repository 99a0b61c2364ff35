export { FAKE_CREDENTIALS, FakeAzure, FakeBulk, FakeDatadog, FakeOtlp, FakeSecops, FakeWebhook } from './fake-dialects.js';
export type { GrpcReceived, GrpcReply } from './fake-grpc-receiver.js';
export { FakeGrpcReceiver } from './fake-grpc-receiver.js';
export type { Dialect, FakeTls, FaultMode, Hands, Received, Reply } from './fake-receiver.js';
export { FakeReceiver, allOrNothing } from './fake-receiver.js';
export type { AckMode } from './fake-splunk.js';
export { FakeSplunk } from './fake-splunk.js';
export { sinkTools } from './sink-tools.js';

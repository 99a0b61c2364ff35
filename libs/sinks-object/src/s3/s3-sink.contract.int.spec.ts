import { sinkTypeContract } from '@sallyport/sinks/testing';

import { S3Front } from '../testing/s3-front.js';
import { S3_ACCOUNT } from '../testing/s3-store.js';
import { LoopbackNetwork, sinkTools } from '../testing/sink-tools.js';
import { s3SinkType } from './s3-sink-type.js';

sinkTypeContract('s3, before s3rver', ['hang', 'refuseCredentials', 'busy'], async () => {
  const receiver = await S3Front.start();
  const settings = { bucket: receiver.bucket, endpoint: receiver.endpoint, style: 'path' };
  return { type: s3SinkType, configuration: { settings, credentials: S3_ACCOUNT, format: 'native', formatVersion: null }, tools: sinkTools(new LoopbackNetwork()), receiver };
});

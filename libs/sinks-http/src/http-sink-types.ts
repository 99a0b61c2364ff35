import type { SinkType } from '@sallyport/sinks';

import { azureMonitor } from './azure-monitor.js';
import { elasticsearch, opensearch } from './bulk-sink-types.js';
import { datadog } from './datadog.js';
import { googleSecops } from './google-secops.js';
import { otlpGrpc } from './otlp-grpc.js';
import { otlpHttp } from './otlp-http.js';
import { splunkHec } from './splunk-hec.js';
import { webhook } from './webhook.js';

/** Every kind of sink of this library. */
export const HTTP_SINK_TYPES: readonly SinkType[] = [splunkHec, elasticsearch, opensearch, otlpHttp, otlpGrpc, webhook, datadog, azureMonitor, googleSecops];

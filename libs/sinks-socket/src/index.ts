export { kafkaSinkType } from './kafka/kafka-sink-type.js';
export { relpSinkType } from './relp/relp-sink-type.js';
export { syslogSinkType } from './syslog/syslog-sink-type.js';

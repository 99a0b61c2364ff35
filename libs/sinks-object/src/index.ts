export { fileSinkType } from './file/file-sink-type.js';
export { s3SinkType } from './s3/s3-sink-type.js';

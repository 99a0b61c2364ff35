export { frameFrom, headersFrom, modernMeta, modernRequest } from './frames.js';

export type { Script, SeenRequest } from './scripted-upstream.js';
export { LEGACY_INTRODUCTION, ScriptedUpstream, events, json, legacyServer, textResult } from './scripted-upstream.js';
export type { GrantWish, TestGatewayOptions, TestGrant } from './test-gateway.js';
export { TestGateway } from './test-gateway.js';
export type { IssuedGrant, TestOrganisationParts } from './test-organisation.js';
export { TestOrganisation } from './test-organisation.js';

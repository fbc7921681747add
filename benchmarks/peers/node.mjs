// The JavaScript stacks, in a process of their own: told over standard input what to do and how often, they answer with
// the computing time that it took. One line of JSON each way.
//
// The first line is the brief: the document, all contexts, the key's seed, its controller document and the dates.
import * as bazaar from '@digitalbazaar/vc';
import * as dcc from '@digitalcredentials/vc';
import * as bazaarKeys from '@digitalbazaar/ed25519-multikey';
import * as dccKeys from '@digitalcredentials/ed25519-multikey';
import {DataIntegrityProof as BazaarProof} from '@digitalbazaar/data-integrity';
import {DataIntegrityProof as DccProof} from '@digitalcredentials/data-integrity';
import {cryptosuite as bazaarSuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as ecdsaKeys from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as ecdsaSuite} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as disclosing from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import {cryptosuite as dccSuite} from '@digitalcredentials/eddsa-rdfc-2022-cryptosuite';
import jsonld from 'jsonld';
import {createInterface} from 'node:readline';
import {readFileSync} from 'node:fs';

const lines = createInterface({input: process.stdin})[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value ?? 'null');
const answer = said => process.stdout.write(`${JSON.stringify(said)}\n`);

const brief = await next();
const documents = new Map(Object.entries(brief.documents));

// Nothing is fetched, nothing is parsed twice, and each context is one object: what the libraries cache, they can.
async function documentLoader(url) {
  const document = documents.get(url);
  if(!document) {
    throw new Error(`${url} is not part of this measurement`);
  }
  return {contextUrl: null, documentUrl: url, document, tag: 'static'};
}

// Each stack signs and verifies with the packages that its own documentation names.
async function stack(vc, keys, Proof, cryptosuite) {
  const {verificationMethod: id, controller} = brief;
  const pair = await keys.generate({id, controller, seed: Uint8Array.from(Buffer.from(brief.seed, 'hex'))});
  const now = new Date(brief.now);
  const sign = () => vc.issue({
    credential: structuredClone(brief.document),
    suite: new Proof({signer: pair.signer(), date: brief.created, cryptosuite}),
    documentLoader, now
  });
  const signed = await sign();
  const verify = async () => {
    const said = await vc.verifyCredential({
      credential: structuredClone(signed), suite: new Proof({cryptosuite}), documentLoader, now,
      checkStatus: async () => ({verified: true})  // the list is no part of this measurement, here or elsewhere
    });
    if(!said.verified) {
      throw new Error(`a peer does not verify what it signed: ${JSON.stringify(said.error)}`);
    }
  };
  return {signed, sign, verify};
}

const stacks = {
  bazaar: await stack(bazaar, bazaarKeys, BazaarProof, bazaarSuite),
  dcc: await stack(dcc, dccKeys, DccProof, dccSuite)
};

// ECDSA and selective disclosure, with another key and another issuer of the same credential.
async function withEcdsa({document, key, mandatory, shown}) {
  const signer = (await ecdsaKeys.from(key)).signer();
  const now = new Date(brief.now);
  const issue = cryptosuite => bazaar.issue({
    credential: structuredClone(document),
    suite: new BazaarProof({signer, date: brief.created, cryptosuite}),
    documentLoader, now
  });
  const check = async (credential, cryptosuite) => {
    const said = await bazaar.verifyCredential({
      credential: structuredClone(credential), suite: new BazaarProof({cryptosuite}), documentLoader, now,
      checkStatus: async () => ({verified: true})
    });
    if(!said.verified) {
      throw new Error(`a peer does not verify what it signed: ${JSON.stringify(said.error)}`);
    }
  };
  const sign = () => issue(ecdsaSuite);
  const base = () => issue(disclosing.createSignCryptosuite({mandatoryPointers: mandatory}));
  const [signed, based] = [await sign(), await base()];
  const derive = () => bazaar.derive({
    verifiableCredential: structuredClone(based),
    suite: new BazaarProof({cryptosuite: disclosing.createDiscloseCryptosuite({selectivePointers: shown})}),
    documentLoader
  });
  const view = await derive();
  return {
    'bazaar ecdsa-rdfc-2019, sign': sign,
    'bazaar ecdsa-rdfc-2019, verify': () => check(signed, ecdsaSuite),
    'bazaar ecdsa-sd-2023, sign': base,
    'bazaar ecdsa-sd-2023, derive': derive,
    'bazaar ecdsa-sd-2023, verify': () => check(view, disclosing.createVerifyCryptosuite())
  };
}

const pair = await bazaarKeys.generate({seed: Uint8Array.from(Buffer.from(brief.seed, 'hex'))});
const signer = pair.signer();
const message = Uint8Array.from(Buffer.alloc(64, 7));
const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', safe: true, documentLoader};
const work = {
  'bazaar sign': stacks.bazaar.sign,
  'bazaar verify': stacks.bazaar.verify,
  'bazaar canonize': () => jsonld.canonize(brief.document, options),
  'dcc sign': stacks.dcc.sign,
  'dcc verify': stacks.dcc.verify,
  ...await withEcdsa(brief.ecdsa),
  'raw sign': () => signer.sign({data: message})
};

// The compiler of Node takes a while to see what is worth its work; it has done so before anything counts.
for(const act of Object.values(work)) {
  for(let i = 0; i < brief.warmUp; i++) {
    await act();
  }
}

const version = name => JSON.parse(readFileSync(new URL(`${name}/package.json`, brief.modules))).version;
answer({
  node: process.version,
  versions: Object.fromEntries(brief.packages.map(name => [name, version(name)])),
  proofs: Object.fromEntries(Object.entries(stacks).map(([name, {signed}]) => [name, signed.proof.proofValue])),
  canonical: await jsonld.canonize(brief.document, options)
});

for(let asked = await next(); asked; asked = await next()) {
  const act = work[asked.act];
  const before = process.cpuUsage();
  for(let i = 0; i < asked.times; i++) {
    await act();
  }
  const {user, system} = process.cpuUsage(before);
  answer({seconds: (user + system) / 1e6});
}

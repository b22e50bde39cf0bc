export { explain } from '../../client-wasm/npm/src/public/explain.js';
const q = new URLSearchParams(location.search);
const mode = q.get('mock') ?? 'run';
const ids = Array.from({length: 7}, (_, i) => (i*7919+12345).toString(16).padStart(8,'0').repeat(5));
const t0 = performance.now();
const R = (n:number)=>{const x=Math.sin(n*12.9898)*43758.5453;return x-Math.floor(x);};
const session = {
  mode:'p2p',
  stats(){ const s=(performance.now()-t0)/1000*10+ (mode==='run'?90:0); const on=mode==='run'; const off=mode==='off';
    return {mode: off?'plain':'p2p',plainReason:off?'p2p-off':null,originBytes:on?s*14000:0,peerBytes:on?s*92000+Math.sin(s)*30000:0,superPeerBytes:0,plainBytes:off?s*100000:on?210000:0,uploadBytes:on?s*81000:0,offload:on?.861:0,uploadRatio:.84,duplicateBytes:0,lateBytes:0,badBytes:0,originBlocks:0,peerBlocks:0,deadlineBlocks:0,messagesSent:0,messagesReceived:0,segmentsReady:0,segmentsGivenUp:0,peersBanned:0,links:on?7:0,swarmSize:on?8:0,behindLiveSeconds:mode==='load'?null:6.4+Math.sin(s/9)*.2,bufferSeconds:4.6,bandwidthBits:0} },
  peers(){ return mode==='run'?ids.map((peer,i)=>({link:i,peer,receivedBytes:1e6*(1+R(i)*3),sentBytes:1e6*(1+R(i+9)*2),blockMs:Math.round(20+R(i)*60),requests:0,superPeer:i===6})):[] },
  blocks(){ if(mode!=='run')return []; const out=[]; const head=Math.floor((performance.now()-t0)/2000)+871234; for(let s=head-11;s<=head;s++)for(let b=0;b<(R(s)>.7?5:4);b++){const r=R(s*10+b);const age=head-s;const status=age===0?(b<1?'have-peer':b<2?'from-peer':b===2&&r>.5?'from-origin':'missing'):r>.86?'have-origin':'have-peer';out.push({rendition:0,segment:s,block:b,bytes:61440,status,supply:3,demand:2,reason:status.endsWith('origin')?'die-lowest':'neighbour-holds',from:status.endsWith('peer')?ids[b]:null,seenMs:1000,doneMs:1180})} return out},
  renditions(){return ['360p']},
};
class P extends HTMLElement { session: any = mode==='load'?null:session; state = mode==='load'?'loading':mode==='absent'?'absent':'playing';
 connectedCallback(){ this.style.background = mode==='load'?'#000':'linear-gradient(135deg,#123 0%,#264653 40%,#1b1b2f 100%)'; setTimeout(()=>this.dispatchEvent(new CustomEvent('shoal-state')),400);} }
customElements.define('shoal-player', P);

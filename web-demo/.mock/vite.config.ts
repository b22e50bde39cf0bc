
export default { base:'./', resolve:{alias:[{find:/^@shoal\/player.*$/,replacement:'/work/main/web-demo/.mock/player.ts'}]}, build:{outDir:'/tmp/demo-mock',emptyOutDir:true}, server:{port:5199,fs:{strict:false}} };

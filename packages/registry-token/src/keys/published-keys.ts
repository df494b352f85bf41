/**
 * Keys whose private half anybody can read, by RFC 7638 thumbprint. They verify well, which is why they get copied into
 * deployments; whoever has read the same page can then sign.
 */
export const PUBLISHED_KEYS: ReadonlyMap<string, string> = new Map([
  ['G-669WLK4NmtszWUMMwOCNT0N6ckTVM7tK1fzBis1HY', 'the repository of Harbor'],
  ['hxs-xiu29-EGif9evGWav8LctPohGWsn3sHfWCTC0ks', 'the repository of Harbor'],
  ['5cHqbXOoTmbrxvhzyrqsh7rGCPBhaKOy2Pve_gzgt6A', 'the examples of docker_auth'],
  ['8qjioA3ZA7ti2JIE7c-U8smBFuZolQZvhSHDPU3hhB8', 'the token documentation of Distribution'],
  ['oGDmHqCJ7yzMkWEkrlZVHkvrHIyQwtlDmeq5ForUHeY', 'the RS256 sample of jwt.io'],
  ['19J8y7Zprt2-QKLjF2I5pVk0OELX6cY2AfaAv1LC_w8', 'the ES256 sample of jwt.io'],
  ['IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8', 'RFC 7515 appendix A.2'],
  ['oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U', 'RFC 7515 appendix A.3'],
  ['cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s', 'RFC 7517 appendix A.1'],
  ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', 'RFC 7638 section 3.1'],
])

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** An image of one file, made without any network. Other content makes another digest. */
export interface TinyImage {
  /** For skopeo: `oci:/folder:latest`. */
  readonly layout: string
  /** For `crane append`: its only layer. */
  readonly layerFile: string
  /** Of its manifest. skopeo pushes it unchanged. */
  readonly digest: string
}

const OCI = 'application/vnd.oci.image'

/** Writes an image as an OCI layout into a new folder. Its only file, `content`, holds the given text. */
export async function makeImage(folder: string, content: string): Promise<TinyImage> {
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const store = async (mediaType: string, bytes: Buffer) => {
    const hex = createHash('sha256').update(bytes).digest('hex')
    await writeFile(join(blobs, hex), bytes)
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length }
  }
  const tar = tarOf('content', content)
  const packed = gzipSync(tar)
  const layer = await store(`${OCI}.layer.v1.tar+gzip`, packed)
  const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`
  const config = await store(
    `${OCI}.config.v1+json`,
    json({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } }),
  )
  const mediaType = `${OCI}.manifest.v1+json`
  const manifest = await store(mediaType, json({ schemaVersion: 2, mediaType, config, layers: [layer] }))
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }
  const layerFile = join(folder, 'layer.tar.gz')
  await writeFile(layerFile, packed)
  await writeFile(join(folder, 'index.json'), json({ schemaVersion: 2, manifests: [named] }))
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  return { layout: `oci:${folder}:latest`, layerFile, digest: manifest.digest }
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))

/** A POSIX ustar archive of one file: header, content, padding to 512 bytes, and two empty blocks as its end. */
function tarOf(name: string, content: string): Buffer {
  const body = Buffer.from(content)
  const header = Buffer.alloc(512)
  const field = (offset: number, text: string): number => header.write(text, offset, 'latin1')
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  field(0, name)
  field(100, '0000644')
  field(108, octal(0, 7))
  field(116, octal(0, 7))
  field(124, octal(body.length, 11))
  field(136, octal(0, 11))
  field(156, '0')
  field(257, 'ustar\x0000')
  // The checksum is taken with its own field full of spaces.
  header.fill(' ', 148, 156)
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  field(148, `${octal(checksum, 6)}\0 `)
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512), Buffer.alloc(1024)])
}

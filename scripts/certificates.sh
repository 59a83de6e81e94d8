#!/usr/bin/env bash
# An authority of one's own and a certificate for each node, for nodes that talk over a network.
#
# usage: scripts/certificates.sh authority --out DIR [--days N]
#        scripts/certificates.sh node NAME [HOST]... --out DIR [--days N]
#        scripts/certificates.sh show --out DIR
# `authority` makes DIR/authority.pem and DIR/authority-key.pem, for 365 days unless N says otherwise.
# `node` makes DIR/NAME.pem and DIR/NAME-key.pem, signed by the authority in DIR, for 30 days. The HOSTs are the names
# and addresses it is reached at; without any: localhost, 127.0.0.1 and ::1.
# `show` lists the certificates in DIR and when each ends.
# Keys are readable by their owner alone. Nothing is overwritten: to renew a certificate, move the old one away.
# Whoever has the authority's key can make nodes, and nodes trust each other: keep it off the machines that run them.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"

action=${1:-}
[ $# -eq 0 ] || shift
dir='' days='' words=()
while [ $# -gt 0 ]; do
  case $1 in
    --out | --days) [ $# -ge 2 ] || die "$1 needs a value" ;;
    -*) usage >&2; die "unknown option '$1'" ;;
  esac
  case $1 in
    --out) dir=$2; shift ;;
    --days) days=$2; shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
case $action in
  authority | show) [ ${#words[@]} -eq 0 ] || die "$action takes no names, such as '${words[0]}'" ;;
  node) [ ${#words[@]} -gt 0 ] || die "the node's name is missing" ;;
  help | -h | --help) usage; exit ;;
  *) usage >&2; die "unknown action '$action'" ;;
esac
[ -n "$dir" ] || die "--out DIR is missing"
[ -z "$days" ] || { [[ $days =~ ^[0-9]{1,4}$ ]] && ((10#$days >= 1)); } || die "--days is a number from 1 to 9999, not '$days'"
command -v openssl >/dev/null || die "openssl was not found" "install the package openssl"

# sign NAME DAYS SUBJECT EXTENSIONS OPTION...: a new key and its certificate, signed as the options of `openssl x509`
# say. The certificate gets its name last: one that is there has its key.
sign() {
  local name=$1 lifetime=$2 subject=$3 extensions=$4
  shift 4
  [ ! -e "$dir/$name.pem" ] && [ ! -e "$dir/$name-key.pem" ] || die "$dir/$name.pem is there already, or its key" "move both away first"
  openssl ecparam -name prime256v1 -genkey -noout -out "$scratch/key.pem"
  openssl req -new -key "$scratch/key.pem" -subj "$subject" -out "$scratch/request.pem"
  printf '%s\n' "$extensions" >"$scratch/extensions"
  openssl x509 -req -in "$scratch/request.pem" -sha256 -days "$lifetime" -set_serial "0x4$(openssl rand -hex 15)" \
    -extfile "$scratch/extensions" "$@" -out "$scratch/certificate.pem" 2>"$scratch/said" ||
    { cat "$scratch/said" >&2; die "openssl did not sign the certificate"; }
  install -m 0600 "$scratch/key.pem" "$dir/$name-key.pem"
  install -m 0644 "$scratch/certificate.pem" "$dir/$name.pem"
  step "$dir/$name.pem, $(openssl x509 -in "$dir/$name.pem" -noout -enddate | sed 's/notAfter=/until /')"
}

make_authority() {
  # pathlen:0: what it signs can't sign in turn.
  sign authority "${days:-365}" "/CN=Dabba cluster $(date -u +%F)" 'basicConstraints=critical,CA:true,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash' -signkey "$scratch/key.pem"
}

make_node() {
  local name=$1 host hosts=("${@:2}") names=''
  [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$ && $name != authority && $name != *-key ]] ||
    die "'$name' is no name for a node" "use letters, digits, dots and dashes; not 'authority', and no '-key' at the end"
  [ -r "$dir/authority.pem" ] && [ -r "$dir/authority-key.pem" ] || die "there is no authority in $dir" \
    "make one: scripts/certificates.sh authority --out $dir"
  [ ${#hosts[@]} -gt 0 ] || hosts=(localhost 127.0.0.1 ::1)
  for host in "${hosts[@]}"; do
    [[ $host =~ ^[A-Za-z0-9*.:_-]+$ ]] || die "'$host' is neither a host's name nor an address"
    if [[ $host == *:* || $host =~ ^[0-9.]+$ ]]; then names+="${names:+,}IP:$host"; else names+="${names:+,}DNS:$host"; fi
  done
  # A node is the server of some of its connections and the client of others.
  sign "$name" "${days:-30}" "/CN=$name" "basicConstraints=critical,CA:false
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=$names
authorityKeyIdentifier=keyid" -CA "$dir/authority.pem" -CAkey "$dir/authority-key.pem"
}

show() {
  local file
  for file in "$dir"/*.pem; do
    [[ -e $file && $file != *-key.pem ]] || continue
    note "$(basename "$file" .pem): $(openssl x509 -in "$file" -noout -enddate | sed 's/notAfter=/until /')$(
      openssl x509 -in "$file" -noout -checkend 0 >/dev/null || echo ' (over)')"
  done
}

[ "$action" != show ] || { show; exit; }
umask 077
mkdir -p "$dir" || die "the folder $dir can't be made"
scratch=$(mktemp -d "$dir/.making.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
if [ "$action" = authority ]; then make_authority; else make_node "${words[@]}"; fi

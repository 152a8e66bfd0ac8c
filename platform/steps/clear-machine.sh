# Takes from a builder droplet what is secret or its own, before its disk becomes the image of many. It runs as root,
# with the droplet's disk as its own; the lab's containers and volumes are gone already, Docker's images stay.
set -eu
state=/var/lib/fullstack-lab
# The next boot is a first one: cloud-init does all of it anew, with the next droplet's own user data.
cloud-init clean --logs
# Empty, it is filled at the next boot; "uninitialized" would have systemd enable what its packages would like.
: >/etc/machine-id
# A copy of D-Bus's own would be taken for it.
rm -f /var/lib/dbus/machine-id
ln -s /etc/machine-id /var/lib/dbus/machine-id
# That boot makes a host key of its own, and proves it.
rm -rf /etc/ssh/ssh_host_* "$state"
# Who may log in; cloud-init would only add to it.
rm -rf /root/.ssh /root/.bash_history
# The student's folder, docker-compose's files with the lab's token, keys, histories.
find /home/science -mindepth 1 -delete
cp -a /etc/skel/. /home/science/
chown -R science:science /home/science
# The lab's name; the next boot adds another.
sed -i '/^COMPOSE_PROJECT_NAME=/d' /etc/environment
: >/etc/motd
# Docker's own name for this machine.
rm -f /etc/docker/key.json /var/lib/docker/engine-id
rm -rf /var/lib/systemd/random-seed /var/lib/dhcp/* /var/tmp/* /tmp/* /var/cache/apt/archives/*.deb
# Logs go as files: systemd's services open them anew at the next boot.
rm -rf /var/log/journal/*
find /var/log -type f -delete
left=$(find /etc/ssh /home /root /var/lib/cloud -xdev \( -name authorized_keys -o -name 'ssh_host_*' -o -name jupyter-token -o -name user-data.txt \) -type f)
if [ -n "$left" ]; then
  echo "not cleared: $left"
  exit 1
fi
sync
echo "the machine is cleared"

package lab;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Runs Hadoop's and Hive's programs as the lab's user, whatever number the container runs as: left alone, Hadoop
 * refuses a number that has no name, and takes root for a stranger.
 */
public final class Science {
  private Science() {}

  static void login() {
    String other = System.getenv("HADOOP_USER_NAME");
    UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(other == null ? "science" : other));
  }

  /** The first argument is the class whose main takes the rest. */
  public static void main(String[] args) throws Throwable {
    login();
    try {
      Class.forName(args[0]).getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}

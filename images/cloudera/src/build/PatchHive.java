package build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Writes two classes of Hive anew into the folder that is named; each differs by one call, to lab.HiveFixes.
 *
 * <p>SessionState believes (as was true before Java 9) that the class path's loader is a URLClassLoader. A launcher
 * that loads all of Hive through such a loader would do too, but at the price of the class-data archive, which is half
 * of the speed of the {@code hive} command.
 *
 * <p>ProjectionPusher keeps the table property {@code parquet.column.index.access} from MapReduce, so that a column
 * whose name differs from the file's is right in {@code select *} and null as soon as the query counts or groups.
 */
public final class PatchHive {
  private static final String FIXES = "lab/HiveFixes";
  private static int patches;

  private PatchHive() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    patch(folder, "org/apache/hadoop/hive/ql/session/SessionState", "<init>");
    patch(folder, "org/apache/hadoop/hive/ql/io/parquet/ProjectionPusher", "pushProjectionsAndFilters");
  }

  private static void patch(Path folder, String className, String methodName) throws IOException {
    patches = 0;
    ClassWriter writer = new ClassWriter(0);
    try (InputStream in = ClassLoader.getSystemResourceAsStream(className + ".class")) {
      new ClassReader(in).accept(new ClassVisitor(Opcodes.ASM9, writer) {
        @Override
        public MethodVisitor visitMethod(int access, String name, String desc, String signature, String[] exceptions) {
          MethodVisitor out = super.visitMethod(access, name, desc, signature, exceptions);
          return name.equals(methodName) ? new Patcher(out) : out;
        }
      }, 0);
    }
    if (patches != 1) {
      throw new IllegalStateException(className + ": one place to patch expected, found " + patches);
    }
    Path file = folder.resolve(className + ".class");
    Files.createDirectories(file.getParent());
    Files.write(file, writer.toByteArray());
  }

  private static final class Patcher extends MethodVisitor {
    Patcher(MethodVisitor out) {
      super(Opcodes.ASM9, out);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.CHECKCAST && type.equals("java/net/URLClassLoader")) {
        super.visitMethodInsn(Opcodes.INVOKESTATIC, FIXES, "urlClassLoader",
            "(Ljava/lang/ClassLoader;)Ljava/lang/ClassLoader;", false);
        patches++;
      }
      super.visitTypeInsn(opcode, type);
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String desc, boolean isInterface) {
      boolean copiesProperties = name.equals("copyTableJobPropertiesToConf");
      patches += copiesProperties ? 1 : 0;
      super.visitMethodInsn(opcode, copiesProperties ? FIXES : owner, name, desc, isInterface);
    }
  }
}
